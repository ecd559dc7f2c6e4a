import { defer, from, type Observable, switchMap } from 'rxjs';
import { isBytes } from '../bytes.js';
import { messageOf } from './failures.js';
import { readCertificates, readKeys, unusable } from './key-material.js';
import type { Connection, ConnectTarget, KeyMaterial, TlsOptions } from './transport.js';

/** Reads the files that the TLS options name, again at each dial, and dials with their contents. */
export function withTlsFiles(
  target: ConnectTarget,
  dial: (complete: ConnectTarget) => Observable<Connection>,
): Observable<Connection> {
  const { tls } = target;
  if (
    tls?.caFile === undefined &&
    tls?.caPath === undefined &&
    tls?.certFile === undefined &&
    tls?.keyFile === undefined
  )
    return dial(target);
  return defer(() => from(readFiles(tls))).pipe(switchMap((read) => dial({ ...target, tls: read })));
}

/** Replaces file names by the contents of the files. Rejects with a `ConnectError` that names the file. */
async function readFiles(options: TlsOptions): Promise<TlsOptions> {
  const { caFile, caPath, certFile, keyFile, ...others } = options;
  const { ca, cert, key, passphrase } = others;
  if (cert !== undefined && certFile !== undefined) throw unusable('tls.certFile', 'tls.cert is given as well');
  if (key !== undefined && keyFile !== undefined) throw unusable('tls.keyFile', 'tls.key is given as well');
  const authorities: (string | Uint8Array)[] = listOf(ca);
  if (caFile !== undefined) {
    authorities.push(...readCertificates(await contentOf('caFile', caFile), named('caFile', caFile)).certificates);
  }
  if (caPath !== undefined) authorities.push(...(await authoritiesIn(caPath)));
  const bundle =
    certFile === undefined
      ? undefined
      : readCertificates(await contentOf('certFile', certFile), named('certFile', certFile));
  const keys =
    keyFile === undefined
      ? (bundle?.keys ?? [])
      : readKeys(await contentOf('keyFile', keyFile), passphrase, named('keyFile', keyFile));
  if (bundle !== undefined && key === undefined && keys.length === 0) {
    throw unusable(
      named('certFile', certFile ?? ''),
      'it holds no private key; name the file with the key as tls.keyFile',
    );
  }
  return {
    ...others,
    ...(authorities.length === 0 ? {} : { ca: authorities }),
    ...(bundle === undefined ? {} : { cert: bundle.certificates }),
    ...(key !== undefined || keys.length === 0 ? {} : { key: keys }),
  };
}

/** All certificates of a folder. Other files, such as revocation lists, are skipped. */
async function authoritiesIn(folder: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable('caPath', folder, cause);
  });
  const found: string[] = [];
  for (const { name } of names.filter((entry) => !entry.isDirectory())) {
    const path = `${folder}/${name}`;
    const content = await contentOf('caPath', path);
    try {
      found.push(...readCertificates(content, path).certificates);
    } catch {
      continue;
    }
  }
  if (found.length === 0) throw unusable(named('caPath', folder), 'no file in it holds a certificate');
  return found;
}

async function contentOf(option: string, path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(option, path, cause);
  });
}

function unreadable(option: string, path: string, cause: unknown): Error {
  return unusable(named(option, path), `${messageOf(cause)}; check the path, and who may read it`, cause);
}

function named(option: string, path: string): string {
  return `tls.${option} "${path}"`;
}

function listOf(material: KeyMaterial | undefined): (string | Uint8Array)[] {
  if (material === undefined) return [];
  return typeof material === 'string' || isBytes(material) ? [material] : [...material];
}
