import { ClosedError, ConnectError, ErrorCode, MqttError, ProtocolError } from '../src/errors.js';

describe('errors', () => {
  it('are instances of their class and of MqttError, and of no other', () => {
    const error = new ConnectError('no route', { cause: new Error('EHOSTUNREACH') });
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toBeInstanceOf(MqttError);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ClosedError);
    expect(error.name).toBe('ConnectError');
    expect(error.code).toBe(ErrorCode.CONNECTION_LOST);
    expect(error.cause).toEqual(new Error('EHOSTUNREACH'));
  });

  it('are recognised across two copies of the package', () => {
    let other!: typeof import('../src/errors.js');
    jest.isolateModules(() => {
      other = require('../src/errors.js') as typeof other;
    });
    expect(other.ProtocolError).not.toBe(ProtocolError);
    expect(new other.ProtocolError('bad', { reasonCode: 0x81 })).toBeInstanceOf(ProtocolError);
    expect(new other.ProtocolError('bad', { reasonCode: 0x81 })).not.toBeInstanceOf(ConnectError);
  });
});
