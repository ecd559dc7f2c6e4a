import { ReasonCode } from '../../packet/reason-codes.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { HookGuard } from './ask-hook.js';
import { type CheckedPrincipal, readPrincipal } from './client-principal.js';
import { deliveryGuard } from './delivery-guard.js';
import type { EnhancedAuthenticator } from './enhanced-authentication.js';
import { HookChain, type AuthorizerChain } from './hook-chain.js';
import { Interceptors } from './interceptors.js';
import type {
  AuthenticateAnswer,
  AuthenticateRequest,
  DeliveryRequest,
  PublishRequest,
  SubscribeRequest,
} from './requests.js';

/** The hooks of the application. */
export interface AccessOptions {
  readonly authenticate?: AuthorizerChain<AuthenticateRequest, AuthenticateAnswer>;
  readonly enhancedAuthentication?: Readonly<Record<string, EnhancedAuthenticator>>;
  readonly authorizePublish?: AuthorizerChain<PublishRequest>;
  readonly authorizeSubscribe?: AuthorizerChain<SubscribeRequest>;
  readonly authorizeDelivery?: (request: DeliveryRequest) => boolean;
}

const { BAD_USER_NAME_OR_PASSWORD, IMPLEMENTATION_SPECIFIC_ERROR, NOT_AUTHORIZED, SERVER_UNAVAILABLE } = ReasonCode;
const CONNECT_CODES = { denial: BAD_USER_NAME_OR_PASSWORD, failure: SERVER_UNAVAILABLE };
const CODES = { denial: NOT_AUTHORIZED, failure: IMPLEMENTATION_SPECIFIC_ERROR };

/** Who may connect, publish, subscribe and receive. An undefined hook allows everything. */
export class Access {
  readonly authenticate: HookChain<AuthenticateRequest, CheckedPrincipal> | undefined;
  readonly authorizePublish: HookChain<PublishRequest> | undefined;
  readonly authorizeSubscribe: HookChain<SubscribeRequest> | undefined;
  /** By method. */
  readonly enhanced: ReadonlyMap<string, EnhancedAuthenticator>;
  /** Whether a client may receive a message; never throws. */
  readonly mayReceive: ((request: DeliveryRequest) => boolean) | undefined;
  readonly interceptors: Interceptors;

  constructor(
    options: AccessOptions,
    readonly guard: HookGuard,
    limits: BrokerLimits,
  ) {
    const { authenticate, authorizePublish, authorizeSubscribe, authorizeDelivery } = options;
    this.authenticate =
      authenticate && new HookChain('authenticate', authenticate, CONNECT_CODES, guard, readPrincipal);
    this.interceptors = new Interceptors(guard, limits);
    this.authorizePublish = authorizePublish && new HookChain('authorizePublish', authorizePublish, CODES, guard);
    this.authorizeSubscribe =
      authorizeSubscribe && new HookChain('authorizeSubscribe', authorizeSubscribe, CODES, guard);
    this.enhanced = new Map(Object.entries(options.enhancedAuthentication ?? {}));
    this.mayReceive = authorizeDelivery && deliveryGuard(authorizeDelivery, guard);
  }
}
