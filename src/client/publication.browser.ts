import { Observable } from 'rxjs';
import type { PublishReceipt } from '../session/outgoing.js';
import { beginPublish, type Publishing } from './begin-publish.js';
import type { Payload, PublishOptions } from './client-options.js';

/** Takes the place of what `publish()` returns in browsers, where messages are never so many: RxJS does the rest. */
export class Publication extends Observable<PublishReceipt> {
  constructor(publishing: Publishing, topic: string, payload: Payload, options: PublishOptions | undefined) {
    super((subscriber) => beginPublish(publishing, topic, payload, options, subscriber));
  }
}
