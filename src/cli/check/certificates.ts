import type { PeerCertificate } from 'node:tls';
import type { Row } from './row.js';

const DAY = 86_400_000;
/** How many days before its expiry a certificate gets a warning. */
const SOON = 21;

type Certificate = PeerCertificate & { readonly issuerCertificate?: PeerCertificate };

/** Rows about a server's certificate chain. */
export function certificateRows(certificate: Certificate, trust: string | undefined, now: number): readonly Row[] {
  const chain = chainOf(certificate);
  const names = chain.map(({ subject }) => nameOf(subject));
  const root = chain.at(-1);
  // Servers rarely send the root; the last certificate names it.
  const issuer = root === undefined ? '' : nameOf(root.issuer);
  const path = [...names, ...(issuer === names.at(-1) ? [] : [issuer])].join(' < ');
  const first = [...chain].sort((a, b) => Date.parse(a.valid_to) - Date.parse(b.valid_to))[0] ?? certificate;
  const days = Math.floor((Date.parse(first.valid_to) - now) / DAY);
  const until = new Date(first.valid_to).toISOString().slice(0, 10);
  return [
    {
      name: 'TLS certificate',
      state: trust === undefined ? 'ok' : 'fail',
      text: trust === undefined ? path : `${path}: ${trust}`,
    },
    {
      name: 'TLS expiry',
      state: days < 0 ? 'fail' : days < SOON ? 'warn' : 'ok',
      text:
        days < 0
          ? `${nameOf(first.subject)} has expired on ${until}`
          : `${until}, in ${days} days (${nameOf(first.subject)})`,
    },
  ];
}

function chainOf(certificate: Certificate): readonly Certificate[] {
  const chain: Certificate[] = [];
  let next: Certificate | undefined = certificate;
  // A root is its own issuer.
  while (next !== undefined && !chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const { CN, O } = subject ?? {};
  return [CN ?? O ?? 'a certificate without a name'].flat().join(' ');
}
