import { hasWildcard, parseShare, topicFilterProblem } from '../../src/topic/topic-filter.js';

const beside = (wildcard: string): string => `holds "${wildcard}" beside other characters in a level`;

describe('topicFilterProblem', () => {
  it.each([
    ['a'],
    ['/'],
    ['#'],
    ['+'],
    ['/#'],
    ['+/+'],
    ['/+'],
    ['+/'],
    ['+/a/#'],
    ['a/#'],
    ['a/+/b'],
    ['sport/tennis/player1/#'],
    ['$SYS/#'],
    ['$share'],
    ['$shared/#'],
    ['$share/g/#'],
    ['$share/g//'],
    ['$share/consumer1/sport/tennis/+'],
    ['x'.repeat(65535)],
  ])('finds nothing wrong with %.40j', (filter) => {
    expect(topicFilterProblem(filter)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['[v5 MQTT-4.7.3-1] [v3.1.1 MQTT-4.7.3-1]', '', 'is empty'],
    ['[v5 MQTT-4.7.3-2] [v3.1.1 MQTT-4.7.3-2]', 'a/\0', 'holds U+0000'],
    ['[v5 MQTT-4.7.3-3] [v3.1.1 MQTT-4.7.3-3]', '\u20ac'.repeat(21846), 'is 65538 bytes long, 65535 is the maximum'],
    ['[v5 MQTT-1.5.4-1] [v3.1.1 MQTT-1.5.3-1]', '\ud83d', 'holds a lone surrogate'],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', 'a/#/b', 'holds "#" before its last level'],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', '#/', 'holds "#" before its last level'],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', 'sport/tennis#', beside('#')],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', '#a', beside('#')],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', '##', beside('#')],
    ['[v5 MQTT-4.7.1-1] [v3.1.1 MQTT-4.7.1-2]', '+#', beside('#')],
    ['[v5 MQTT-4.7.1-2] [v3.1.1 MQTT-4.7.1-3]', 'sport+', beside('+')],
    ['[v5 MQTT-4.7.1-2] [v3.1.1 MQTT-4.7.1-3]', '+a/b', beside('+')],
    ['[v5 MQTT-4.7.1-2] [v3.1.1 MQTT-4.7.1-3]', '++', beside('+')],
    ['[v5 MQTT-4.7.1-2] [v3.1.1 MQTT-4.7.1-3]', '+/a/b+/#', beside('+')],
    ['[v5 MQTT-4.8.2-1]', '$share//t', 'has no share name after "$share/"'],
    ['[v5 MQTT-4.8.2-1]', '$share/', 'has no share name after "$share/"'],
    ['[v5 MQTT-4.8.2-2]', '$share/g', 'has no topic filter after its share name'],
    ['[v5 MQTT-4.8.2-2]', '$share/g/', 'has no topic filter after its share name'],
    ['[v5 MQTT-4.8.2-2]', '$share/+/t', 'holds the wildcard "+" in its share name'],
    ['[v5 MQTT-4.8.2-2]', '$share/g#/t', 'holds the wildcard "#" in its share name'],
    ['[v5 MQTT-4.8.2-2]', '$share/#', 'holds the wildcard "#" in its share name'],
    ['[v5 MQTT-4.7.1-1] in a share', '$share/g/a#', beside('#')],
    ['[v5 MQTT-4.7.1-2] in a share', '$share/g/a+', beside('+')],
    ['an array', ['a'], 'is not a string'],
    ['null', null, 'is not a string'],
  ])('%s: %.40j is refused, and the problem is named', (_, filter, problem) => {
    expect(topicFilterProblem(filter)).toBe(problem);
  });
});

describe('parseShare', () => {
  it.each([
    ['$share/g/a/+', { group: 'g', filter: 'a/+' }],
    ['$share/g//', { group: 'g', filter: '/' }],
    ['$share/g/#', { group: 'g', filter: '#' }],
    ['$share/g/$share/h/a', { group: 'g', filter: '$share/h/a' }],
    ['$share/g', undefined],
    ['$share/g/', undefined],
    ['$share//a', undefined],
    ['a/$share/g', undefined],
    ['$SHARE/g/a', undefined],
  ])('splits %s into %j', (filter, share) => {
    expect(parseShare(filter)).toEqual(share);
  });
});

describe('hasWildcard', () => {
  it.each([
    ['a/b', false],
    ['+', true],
    ['a/#', true],
    ['$share/g/a', false],
    ['$share/g/+/a', true],
  ])('of %s is %s', (filter, expected) => {
    expect(hasWildcard(filter)).toBe(expected);
  });
});
