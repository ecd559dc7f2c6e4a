import { interval } from 'rxjs';
import { chaos, mqttTest, type MqttTest } from './support.js';

/** Devices that publish at QoS 2 every ten seconds over a bad network, and how often each message arrived. */
function fleet(t: MqttTest, devices: number, until: string): { published: number; arrived: Map<string, number> } {
  const result = { published: 0, arrived: new Map<string, number>() };
  const lasting = { clean: false, sessionExpiry: 9999 };
  t.connect({ clientId: 'sink', ...lasting })
    .subscribe('d/#', { qos: 2 })
    .subscribe(({ topic }) => result.arrived.set(topic, (result.arrived.get(topic) ?? 0) + 1));
  const clients = Array.from({ length: devices }, (_, d) => t.connect({ clientId: `d${d}`, ...lasting }));
  const publishing = interval(10_000).subscribe((round) => {
    for (const [d, client] of clients.entries()) {
      result.published++;
      client.publish(`d/${d}/${round}`, 'x', { qos: 2 }).subscribe();
    }
  });
  chaos(t, { every: '20s', faults: ['cut', 'drop', 'freeze', 'refuse'], until });
  t.at(until, () => publishing.unsubscribe());
  return result;
}

describe('a fleet on a bad network', () => {
  it('of 50 devices loses nothing in an hour, and doubles nothing', () => {
    // Of the processor, because other work on the machine is none of it.
    const started = process.cpuUsage();
    mqttTest(
      (t) => {
        const result = fleet(t, 50, '1h');
        const { arrived } = result;
        t.to('1h 10m');
        expect(result.published).toBe(18_000);
        expect(arrived.size).toBe(18_000);
        expect([...arrived.values()].every((times) => times === 1)).toBe(true);
      },
      { seed: 18 },
    );
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(10_000);
  });
});
