import { topicNameProblem } from '../../src/topic/topic-name.js';

describe('topicNameProblem', () => {
  it.each([
    ['a'],
    ['/'],
    ['a/b'],
    ['/a'],
    ['a/'],
    ['a//b'],
    ['$SYS/broker/uptime'],
    ['$share/g/a'],
    ['with space/and ünïcödé'],
    ['\u{1f600}/\u{10ffff}'],
    ['\ufeffa'],
    ['x'.repeat(65535)],
    ['\u20ac'.repeat(21845)],
    ['/'.repeat(65535)],
  ])('finds nothing wrong with %.40j', (topic) => {
    expect(topicNameProblem(topic)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['[v5 MQTT-4.7.3-1] [v3.1.1 MQTT-4.7.3-1] an empty name', '', 'is empty'],
    ['[v5 MQTT-4.7.3-2] [v3.1.1 MQTT-4.7.3-2] U+0000', 'a\0b', 'holds U+0000'],
    [
      '[v5 MQTT-4.7.3-3] [v3.1.1 MQTT-4.7.3-3] 65536 bytes',
      'x'.repeat(65536),
      'is 65536 bytes long, 65535 is the maximum',
    ],
    [
      '[v5 MQTT-4.7.3-3] more bytes than UTF-16 units',
      '\u20ac'.repeat(21846),
      'is 65538 bytes long, 65535 is the maximum',
    ],
    ['[v5 MQTT-4.7.0-1] [v3.1.1 MQTT-4.7.1-1] "+" as a level', 'a/+/b', 'holds the wildcard "+"'],
    ['[v5 MQTT-3.3.2-2] "+" inside a level', 'a+b', 'holds the wildcard "+"'],
    ['[v5 MQTT-3.3.2-2] [v3.1.1 MQTT-3.3.2-2] "#"', 'a/#', 'holds the wildcard "#"'],
    ['[v5 MQTT-1.5.4-1] [v3.1.1 MQTT-1.5.3-1] a high surrogate alone', 'a\ud800', 'holds a lone surrogate'],
    ['[v5 MQTT-1.5.4-1] [v3.1.1 MQTT-1.5.3-1] a low surrogate alone', '\udc00a', 'holds a lone surrogate'],
    ['no name at all', undefined, 'is not a string'],
    ['a number', 7, 'is not a string'],
    ['a String object', Object('a'), 'is not a string'],
  ])('%s: the problem is named', (_, topic, problem) => {
    expect(topicNameProblem(topic)).toBe(problem);
  });
});
