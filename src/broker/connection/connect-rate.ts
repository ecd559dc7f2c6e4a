import { elapsed } from '../../rx/clock.js';
import { hostOf } from '../access/host-of.js';
import { Quota } from '../access/quota.js';
import type { BrokerLimits } from '../broker-limits.js';

/** Limits the CONNECT packets of each second, all together and by address. */
export class ConnectRate {
  private second = 0;
  private quota: Quota;

  constructor(private readonly limits: BrokerLimits) {
    this.quota = new Quota(limits.connectRate, limits.ownerShare);
  }

  /** Counts one; returns false when it exceeds the limit. */
  take(address: string | undefined): boolean {
    const { connectRate, ownerShare } = this.limits;
    const second = Math.floor(elapsed() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.quota = new Quota(connectRate, ownerShare);
    }
    const host = hostOf(address);
    if (!this.quota.hasRoomFor(host, 1)) return false;
    this.quota.add(host, 1);
    return true;
  }
}
