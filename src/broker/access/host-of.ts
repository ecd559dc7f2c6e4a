/** An IPv4 address as a socket that listens on IPv6 sees it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Who an address belongs to, as quotas count it: an IPv4 address without its port, or the first 64 bits of an IPv6 one,
 * since a host has the rest for itself. A memory transport and a Unix socket have none.
 */
export function hostOf(address = ''): string {
  const host = withoutPort(address);
  const mapped = MAPPED.exec(host)?.[1];
  if (mapped !== undefined) return mapped;
  return host.includes(':') ? networkOf(host) : host;
}

/** Brackets set an IPv6 address apart from its port; without them it has none. */
function withoutPort(address: string): string {
  const end = address.lastIndexOf(']');
  if (address.startsWith('[') && end > 0) return address.slice(1, end);
  const colon = address.indexOf(':');
  return colon < 0 || address.includes(':', colon + 1) ? address : address.slice(0, colon);
}

function networkOf(host: string): string {
  const [front = '', back] = host.toLowerCase().split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const last = back === '' ? [] : back.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return `${groups.slice(0, 4).join(':')}::`;
}
