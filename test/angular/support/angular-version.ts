import * as core from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { filter, firstValueFrom } from 'rxjs';

/** The ring `npm run test:angular` runs these tests on each version from 17; names have changed since then. */
export const ANGULAR = Number(core.VERSION.major);

const everything: Readonly<Record<string, unknown>> = core;

/** `provideZonelessChangeDetection()` by the name that this version has for it. */
export function provideZoneless(): core.EnvironmentProviders {
  const provide = (everything['provideZonelessChangeDetection'] ??
    everything['provideExperimentalZonelessChangeDetection'] ??
    everything['ɵprovideZonelessChangeDetection']) as () => core.EnvironmentProviders;
  return provide();
}

/** Runs the effects that are due, which Angular else does a moment later. */
export function runEffects(): void {
  const bed = TestBed as unknown as { tick?(): void; flushEffects(): void };
  if (bed.tick === undefined) bed.flushEffects();
  else bed.tick();
}

/** Settles when the application is stable, which `ApplicationRef.whenStable()` tells from Angular 18 on. */
export async function whenStable(): Promise<void> {
  await firstValueFrom(TestBed.inject(core.ApplicationRef).isStable.pipe(filter((isStable) => isStable)));
}
