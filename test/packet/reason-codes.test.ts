import { allowedReasonCodes, ConnectReturnCode, ReasonCode, reasonCodeName } from '../../src/packet/reason-codes.js';

const codes = [...new Set<number>(Object.values(ReasonCode))];

describe('reason codes', () => {
  it('are 43, the failures from 0x80 to 0xa2', () => {
    expect(codes).toHaveLength(43);
    expect(codes.filter((code) => code >= 0x80)).toEqual(Array.from({ length: 0x23 }, (_, index) => 0x80 + index));
  });

  it('have names', () => {
    expect(reasonCodeName(0)).toBe('SUCCESS');
    expect(reasonCodeName(0x87)).toBe('NOT_AUTHORIZED');
    expect(reasonCodeName(0xff)).toBe('0xff');
    expect(reasonCodeName(3)).toBe('0x03');
  });

  it('are allowed only where the standard has them', () => {
    for (const { client, server } of Object.values(allowedReasonCodes)) {
      for (const code of [...client, ...server]) expect(codes).toContain(code);
    }
  });

  it("[v5 MQTT-3.14.2-1] for a client's DISCONNECT are the fourteen of its table", () => {
    expect([...allowedReasonCodes.disconnect.client]).toEqual([
      0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    ]);
  });

  it('[v5 MQTT-3.15.2-1] for AUTH depend on the sender', () => {
    expect([...allowedReasonCodes.auth.client]).toEqual([0x18, 0x19]);
    expect([...allowedReasonCodes.auth.server]).toEqual([0x00, 0x18]);
  });

  it('[v4] in CONNACK are six return codes', () => {
    expect([...new Set(Object.values(ConnectReturnCode))]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
