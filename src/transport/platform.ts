/** What is different where a client runs. */
export interface Platform {
  /** The broker of those who name none; undefined where there is none to guess. */
  readonly defaultUrl: string | undefined;
  /** Why no attempt can reach an address, if so. */
  readonly urlProblem: (url: string) => string | undefined;
  /** Why a proxy cannot be used, if so. */
  readonly proxyProblem: (proxy: string) => string | undefined;
}

/** Where nothing is known of the system. */
export const elsewhere: Platform = {
  defaultUrl: undefined,
  urlProblem: () => undefined,
  proxyProblem: () => 'proxy works on Node only; browsers use the proxy of the system',
};
