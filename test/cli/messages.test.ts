import { ConnectError } from '../../src/index.js';
import { messageOf } from '../../src/cli/format/message-of.js';
import { withoutRepeats } from '../../src/cli/format/without-repeats.js';
import { mqttTest } from '../../src/testing/index.js';

describe('an error', () => {
  it.each([
    ["give the authority's certificate as tls.ca or tls.caFile", "give the authority's certificate as --ca"],
    ['the option tls.caFile "a" cannot be used', 'the option --ca "a" cannot be used'],
    ['give tls.cert and tls.key, or tls.certFile and tls.keyFile', 'give --cert and --key'],
    ['name the file with the key as tls.keyFile', 'name the file with the key as --key'],
    ['check tls.cert and what', 'check --cert and what'],
    ['check the host, or set tls.servername', 'check the host, or set --servername'],
    [
      'is the broker reachable, and connectTimeout long enough?',
      'is the broker reachable, and --connect-timeout long enough?',
    ],
    ['check tls.ALPNProtocols', 'check --alpn'],
    ['give one as PEM or DER, such as readFileSync(path)', 'give one as PEM or DER'],
    ['connecting to mqtts://tls.ca:8883 failed', 'connecting to mqtts://tls.ca:8883 failed'],
  ])('names the options of the command: %s', (message, said) => {
    expect(messageOf(new ConnectError(message))).toBe(said);
  });

  it('is one line', () => {
    expect(messageOf(new Error('one\n  two'))).toBe('one two');
  });
});

describe('lines about lost connections', () => {
  it('are told once a second, when many clients say the same', () => {
    mqttTest((t) => {
      const told: string[] = [];
      const tell = withoutRepeats((line) => told.push(line));
      t.at(10, () => ['lost', 'lost', 'reset', 'lost'].forEach(tell));
      t.at(1009, () => tell('lost'));
      t.at(1010, () => tell('lost'));
      t.to(1020);
      expect(told).toEqual(['lost', 'reset', 'lost']);
    });
  });
});
