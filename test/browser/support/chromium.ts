import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** For runs without a display and without a sandbox (as root), and without requests of its own. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium of this machine, or the one that CHROMIUM names. */
export function chromiumPath(): string {
  const path = process.env['CHROMIUM'] ?? CANDIDATES.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  throw new Error('there is no Chromium; install it (Debian: apt-get install chromium), or name one in CHROMIUM');
}

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
}
