import { BoundedCache } from '../../topic/bounded-cache.js';
import type { Recipient } from './recipient.js';

/** ms of patience that a client earns by an acknowledgement, and by each byte that it reads. */
const BY_ACKNOWLEDGEMENT = 0.02;
const BY_BYTE = 1 / 5000;

/** Bytes that the buffers of a connection take although its client reads nothing: they earn no patience. */
const SWALLOWED = 12 * 1024 * 1024;

/** The most (ms) that a client can save up. */
const MOST = 500;

/** The shared allowance (ms) of all clients that have earned nothing, and how much of it returns per ms. */
const FREE = 500;
const FREE_PER_MS = 0.01;

/** Accounts of clients that have left, and the longest name (characters) that is remembered with one. */
const REMEMBERED = 4096;
const LONGEST_NAME = 512;

/** The patience that publishers have with one client. */
export interface Account {
  /** ms left. */
  left: number;
  acknowledgements: number;
  taken: number;
}

/**
 * How long publishers may be held up for each client. A client earns patience by taking messages, and keeps it across
 * its connections. Clients that have earned nothing share one small allowance.
 *
 * An account lives as long as its recipient, so that many others that come and go cannot make it forgotten: what was
 * earned would be lost, and what was spent would be earned again by the same bytes. Only one whose recipient is gone
 * can be forgotten, and begins with nothing.
 */
export class Patience {
  private readonly accounts = new WeakMap<Recipient, Account>();
  /** By client, for those that come back with a new session. */
  private readonly earlier = new BoundedCache<string, Account>(REMEMBERED);
  private free = FREE;
  private refilledAt = -Infinity;

  /** The client's account, brought up to date. */
  of(recipient: Recipient): Account {
    const { acknowledgements, taken } = recipient;
    const account = this.accounts.get(recipient) ?? this.open(recipient);
    const acknowledged = Math.max(0, acknowledgements - account.acknowledgements);
    // With a new connection, the count of bytes begins anew.
    const before = Math.max(SWALLOWED, taken < account.taken ? 0 : account.taken);
    const earned = acknowledged * BY_ACKNOWLEDGEMENT + Math.max(0, taken - before) * BY_BYTE;
    account.left = Math.min(MOST, account.left + earned);
    account.acknowledgements = acknowledgements;
    account.taken = taken;
    return account;
  }

  private open(recipient: Recipient): Account {
    const { clientId, payer, acknowledgements } = recipient;
    const name = JSON.stringify([clientId, payer]);
    const account = this.earlier.get(name) ?? { left: 0, acknowledgements, taken: 0 };
    this.accounts.set(recipient, account);
    if (name.length <= LONGEST_NAME) this.earlier.set(name, account);
    return account;
  }

  /** Whether publishers may wait for a client. */
  has({ left }: Account): boolean {
    return left > 0 || this.free > 0;
  }

  /** Publishers have waited for these clients, all at the same time. */
  spend(accounts: readonly Account[], ms: number): void {
    const proven = accounts.filter(({ left }) => left > 0);
    for (const account of proven) account.left -= ms / proven.length;
    if (proven.length < accounts.length) this.free -= ms;
  }

  /** Time has passed. */
  refill(now: number): void {
    if (this.refilledAt >= 0) this.free = Math.min(FREE, this.free + (now - this.refilledAt) * FREE_PER_MS);
    this.refilledAt = now;
  }
}
