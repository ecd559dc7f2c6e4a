import { ReasonCode } from '../../packet/reason-codes.js';
import type { EnhancedAuthenticator } from './enhanced-authentication.js';
import { HookChain, type AuthorizerChain } from './hook-chain.js';
import type { AuthenticateRequest, PublishRequest, SubscribeRequest } from './requests.js';

/** The hooks of the application. */
export interface AccessOptions {
  readonly authenticate?: AuthorizerChain<AuthenticateRequest>;
  readonly enhancedAuthentication?: Readonly<Record<string, EnhancedAuthenticator>>;
  readonly authorizePublish?: AuthorizerChain<PublishRequest>;
  readonly authorizeSubscribe?: AuthorizerChain<SubscribeRequest>;
}

const { IMPLEMENTATION_SPECIFIC_ERROR } = ReasonCode;

/** Who may connect, publish and subscribe. An undefined hook allows everything. */
export class Access {
  readonly authenticate: HookChain<AuthenticateRequest> | undefined;
  readonly authorizePublish: HookChain<PublishRequest> | undefined;
  readonly authorizeSubscribe: HookChain<SubscribeRequest> | undefined;
  /** By method. */
  readonly enhanced: ReadonlyMap<string, EnhancedAuthenticator>;

  constructor({ authenticate, enhancedAuthentication, authorizePublish, authorizeSubscribe }: AccessOptions) {
    this.authenticate =
      authenticate && new HookChain(authenticate, ReasonCode.BAD_USER_NAME_OR_PASSWORD, ReasonCode.SERVER_UNAVAILABLE);
    this.authorizePublish =
      authorizePublish && new HookChain(authorizePublish, ReasonCode.NOT_AUTHORIZED, IMPLEMENTATION_SPECIFIC_ERROR);
    this.authorizeSubscribe =
      authorizeSubscribe && new HookChain(authorizeSubscribe, ReasonCode.NOT_AUTHORIZED, IMPLEMENTATION_SPECIFIC_ERROR);
    this.enhanced = new Map(Object.entries(enhancedAuthentication ?? {}));
  }
}
