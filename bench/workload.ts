/** Who is measured. */
export type ClientName = 'rxmqtt' | 'mqttjs' | 'raw' | 'packets' | 'libmosquitto';

/** What a client process is asked to do. */
export type Scenario = 'publish' | 'publish-to' | 'receive' | 'route' | 'latency' | 'idle' | 'subscriptions' | 'heap';

/** Everything about one measurement that stands in the table beside its figure. */
export interface Conditions {
  readonly scenario: Scenario;
  readonly transport: 'tcp' | 'ws';
  /** 4 is MQTT 3.1.1. */
  readonly version: 4 | 5;
  readonly qos: 0 | 1 | 2;
  /** Bytes of a payload. */
  readonly payload: number;
  /** Publishes, or deliveries of the peer, that are under way at a time. */
  readonly inFlight: number;
  /** Topic filters that are subscribed to. */
  readonly filters: number;
  /** Topics come in another order than at first, so that what comes is not known by what came before. */
  readonly reordered?: boolean;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}

export interface Workload extends Conditions {
  readonly name: string;
  /** `fast`: the peer of `bench/peer`; `mosquitto`: a broker of that name, left out where it is not installed. */
  readonly peer: 'fast' | 'mosquitto';
  readonly clients: readonly ClientName[];
  /** Messages of one run, by client, so that each runs for about as long. */
  readonly messages: Readonly<Partial<Record<ClientName, number>>>;
  readonly metrics: readonly Metric[];
  /** What rxmqtt has to reach, as a factor of another client. */
  readonly targets: readonly Target[];
  /** What it may cost beside a smaller workload. */
  readonly growth?: Growth;
}

/** How a figure of rxmqtt may grow from one workload to another. */
export interface Growth {
  readonly metric: string;
  /** The name of the smaller workload, which comes earlier. */
  readonly from: string;
  /** An upper bound. */
  readonly factor: number;
}

export interface Target {
  readonly metric: string;
  readonly against: ClientName;
  /** For metrics where more is better the factor is a lower bound, for the others an upper one. */
  readonly factor: number;
}

/** One run of one client. */
export interface Job extends Conditions {
  readonly client: ClientName;
  readonly url: string;
  readonly messages: number;
  /** Messages before the clock starts. */
  readonly warmup: number;
}

/** The figures of one run, by the name of the metric. */
export type Figures = Readonly<Record<string, number>>;
