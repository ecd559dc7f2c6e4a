import type { Socket } from 'node:net';
import { parser, type Packet } from 'mqtt-packet';

/** A message of the ring: its topic, and the number that is its payload. */
export type Numbered = `${string} ${number}`;

/** What one client has done, over all of its connections. */
interface Account {
  /** What it published and a node acknowledged. */
  readonly confirmed: Set<Numbered>;
  /** What it got and acknowledged. */
  readonly taken: Set<Numbered>;
  /** How often it acknowledged what had not come on the same connection. */
  strayAcks: number;
}

/**
 * Reads what passes between clients and nodes with another decoder than that of the client, and so tells who lost a message:
 * one that its client has acknowledged is lost by the client, any other by the nodes.
 */
export class Witness {
  private readonly accounts = new Map<string, Account>();

  accountOf(clientId: string): Account {
    const known = this.accounts.get(clientId);
    if (known !== undefined) return known;
    const account: Account = { confirmed: new Set(), taken: new Set(), strayAcks: 0 };
    this.accounts.set(clientId, account);
    return account;
  }

  /** Watches a connection from its beginning. */
  watch(near: Socket, far: Socket): void {
    let account: Account | undefined;
    const published = new Map<number | undefined, Numbered>();
    const delivered = new Map<number | undefined, Numbered>();
    read(near, (packet) => {
      if (packet.cmd === 'connect') account = this.accountOf(packet.clientId);
      if (packet.cmd === 'publish') published.set(packet.messageId, numbered(packet));
      if (packet.cmd !== 'puback' || account === undefined) return;
      const message = delivered.get(packet.messageId);
      if (message === undefined) account.strayAcks++;
      else account.taken.add(message);
      delivered.delete(packet.messageId);
    });
    read(far, (packet) => {
      if (packet.cmd === 'publish') delivered.set(packet.messageId, numbered(packet));
      if (packet.cmd !== 'puback') return;
      const message = published.get(packet.messageId);
      if (message !== undefined) account?.confirmed.add(message);
    });
  }
}

function read(socket: Socket, onPacket: (packet: Packet) => void): void {
  const decoder = parser({ protocolVersion: 4 });
  decoder.on('packet', onPacket);
  socket.on('data', (chunk: Buffer) => void decoder.parse(chunk));
}

function numbered({ topic, payload }: { readonly topic: string; readonly payload: string | Buffer }): Numbered {
  return `${topic} ${Number(payload.toString())}`;
}
