import { wakeUpsOf } from '../../src/connection/wake-ups.js';

class Page extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
}

function record(target: Parameters<typeof wakeUpsOf>[0]): { readonly seen: string[]; readonly stop: () => void } {
  const seen: string[] = [];
  const subscription = wakeUpsOf(target).subscribe({
    next: (wakeUp) => seen.push(wakeUp),
    complete: () => seen.push('complete'),
  });
  return { seen, stop: () => subscription.unsubscribe() };
}

describe('wake-ups', () => {
  it.each([
    ['online', 'online'],
    ['offline', 'offline'],
    ['pageshow', 'shown'],
  ])('turn the event %s of the window into "%s"', (event, wakeUp) => {
    const page = new Page();
    const { seen } = record(page);
    page.dispatchEvent(new Event(event));
    expect(seen).toEqual([wakeUp]);
  });

  it('occur when the page resumes or becomes visible, but not when it is hidden', () => {
    const page = new Page();
    const { seen } = record(page);
    page.document.dispatchEvent(new Event('resume'));
    page.document.visibilityState = 'hidden';
    page.document.dispatchEvent(new Event('visibilitychange'));
    page.document.visibilityState = 'visible';
    page.document.dispatchEvent(new Event('visibilitychange'));
    expect(seen).toEqual(['resumed', 'visible']);
  });

  it('work in a worker, which has no document', () => {
    const worker = new EventTarget();
    const { seen } = record(worker);
    worker.dispatchEvent(new Event('online'));
    expect(seen).toEqual(['online']);
  });

  it('never occur without events, as in Node', () => {
    expect(record({}).seen).toEqual(['complete']);
  });

  it('remove their listeners with the last subscription', () => {
    const page = new Page();
    const { seen, stop } = record(page);
    stop();
    page.dispatchEvent(new Event('online'));
    page.document.dispatchEvent(new Event('resume'));
    expect(seen).toEqual([]);
  });
});
