/** How a program names itself in the user name, for the statistics of AWS. */
export interface AwsSdkName {
  /** The name of the program or SDK. */
  readonly sdk: string;
  /** Its version. */
  readonly version: string;
}

/** A user name with a query behind it; undefined when both are empty. Parameters without a value are left out. */
export function userName(
  name: string | undefined,
  parameters: Readonly<Record<string, string | undefined>>,
  metrics: AwsSdkName | undefined,
): string | undefined {
  const all = { ...parameters, SDK: metrics?.sdk, Version: metrics?.version };
  const query = Object.entries(all)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`]))
    .join('&');
  if (query === '') return name;
  const given = name ?? '';
  return `${given}${given.includes('?') ? '&' : '?'}${query}`;
}
