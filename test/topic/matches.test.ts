import fc from 'fast-check';
import { matches } from '../../src/topic/matches.js';
import { filters, matchesByLevels, topics } from './arbitraries.js';

describe('matches', () => {
  it.each<[string, string, string, boolean]>([
    ['section 4.7.1.2', 'sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['section 4.7.1.2', 'sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['section 4.7.1.2', 'sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['section 4.7.1.2', 'sport/#', 'sport', true],
    ['section 4.7.1.2', 'sport/#', 'sports', false],
    ['section 4.7.1.2', '#', 'a/b/c', true],
    ['section 4.7.1.2', '#', '/', true],
    ['section 4.7.1.3', 'sport/tennis/+', 'sport/tennis/player1', true],
    ['section 4.7.1.3', 'sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['section 4.7.1.3', 'sport/+', 'sport', false],
    ['section 4.7.1.3', 'sport/+', 'sport/', true],
    ['section 4.7.1.3', '+/+', '/finance', true],
    ['section 4.7.1.3', '/+', '/finance', true],
    ['section 4.7.1.3', '+', '/finance', false],
    ['section 4.7.1.3', '+/tennis/#', 'sport/tennis', true],
    ['section 4.7.1.3', '+/#', 'sport', true],
    ['[v5 MQTT-4.7.2-1]', '#', '$SYS/uptime', false],
    ['[v5 MQTT-4.7.2-1]', '+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['[v5 MQTT-4.7.2-1]', '+', '$SYS', false],
    ['[v5 MQTT-4.7.2-1]', '$share/g/#', '$SYS/uptime', false],
    ['[v5 MQTT-4.7.2-1]', '$SYS/#', '$SYS/uptime', true],
    ['[v5 MQTT-4.7.2-1]', '$SYS/#', '$SYS', true],
    ['[v5 MQTT-4.7.2-1]', '$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['[v5 MQTT-4.7.2-1]', '#', 'a/$SYS', true],
    ['[v5 MQTT-4.7.2-1]', 'a/+', 'a/$SYS', true],
    ['[v5 MQTT-4.7.3-4]', 'ACCOUNTS', 'Accounts', false],
    ['[v5 MQTT-4.7.3-4]', '/finance', 'finance', false],
    ['[v5 MQTT-4.7.3-4]', 'caf\u00e9', 'cafe\u0301', false],
    ['section 4.7.3', 'Accounts payable', 'Accounts payable', true],
    ['section 4.8.2', '$share/g/a/+', 'a/b', true],
    ['section 4.8.2', '$share/g/a/+', '$share/g/a/b', false],
    ['section 4.8.2', '$share/g/a', 'g/a', false],
    ['levels', 'a/b', 'a', false],
    ['levels', 'a', 'a/b', false],
    ['levels', 'a/', 'a', false],
    ['levels', 'a//b', 'a/+/b', false],
    ['levels', 'a/+/b', 'a//b', true],
    ['levels', '/#', 'a', false],
    ['levels', '/#', '/', true],
  ])('%s: %s against %s is %4$s', (_, filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  it('agrees with a level-by-level implementation of the rules', () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        expect(matches(filter, topic)).toBe(matchesByLevels(filter, topic));
        expect(matches(`$share/g/${filter}`, topic)).toBe(matchesByLevels(filter, topic));
      }),
      { numRuns: 3000 },
    );
  });
});
