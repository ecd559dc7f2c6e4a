import { asyncScheduler } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { PublishProperties, QoS } from '../packet/packets.js';
import type { BrokerCounters } from './counters.js';
import type { BrokerLimits } from './limits.js';

/** The last message of a topic that was published with RETAIN. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly properties: PublishProperties | undefined;
  /** When it was published: ms of the scheduler. */
  readonly storedAt: number;
}

/** One level of the topics that have a retained message at or below it. */
class TopicNode {
  readonly children = new Map<string, TopicNode>();
  message: RetainedMessage | undefined = undefined;

  constructor(
    readonly parent: TopicNode | undefined,
    readonly level: string,
  ) {}
}

/** The retained messages, found by topic filter at the cost of what the filter can match. */
export class RetainedMessages {
  private readonly root = new TopicNode(undefined, '');
  private readonly byTopic = new Map<string, TopicNode>();
  private bytes = 0;

  constructor(
    private readonly limits: BrokerLimits,
    private readonly counters: BrokerCounters,
  ) {}

  get size(): number {
    return this.byTopic.size;
  }

  /**
   * Takes the place of the topic's message [MQTT-3.3.1-5]; an empty payload takes it away [MQTT-3.3.1-6]. False when
   * there is no room: what was there stays.
   */
  keep({ topic, payload, qos, properties }: PublishPacket): boolean {
    const node = this.byTopic.get(topic);
    if (payload.length === 0) {
      if (node !== undefined) this.remove(node);
      return true;
    }
    const size = payload.length + topic.length;
    const before = node?.message === undefined ? 0 : node.message.payload.length + topic.length;
    const { retainedMessages, retainedBytes } = this.limits;
    if (this.bytes - before + size > retainedBytes || (node === undefined && this.size >= retainedMessages)) {
      this.counters.droppedRetained++;
      return false;
    }
    this.bytes += size - before;
    // A copy: the payload is a view of everything that came in with it.
    this.put({ topic, payload: payload.slice(), qos, properties, storedAt: asyncScheduler.now() }, node);
    return true;
  }

  /** All messages, in no certain order. */
  *[Symbol.iterator](): IterableIterator<RetainedMessage> {
    for (const { message } of this.byTopic.values()) if (message !== undefined) yield message;
  }

  /** Those that a filter (without its share) matches and that have not expired. */
  *matching(filter: string): IterableIterator<RetainedMessage> {
    for (const node of this.nodesOf(filter)) {
      if (node.message === undefined) continue;
      if (isExpired(node.message)) this.remove(node);
      else yield node.message;
    }
  }

  private nodesOf(filter: string): TopicNode[] {
    let reached = [this.root];
    let isFirst = true;
    for (const level of filter.split('/')) {
      const further: TopicNode[] = [];
      if (level === '#') return reached.flatMap((node) => subtree(node, isFirst));
      for (const node of reached) {
        if (level !== '+') {
          const child = node.children.get(level);
          if (child !== undefined) further.push(child);
        } else {
          for (const child of node.children.values()) if (!isFirst || isOpen(child)) further.push(child);
        }
      }
      reached = further;
      isFirst = false;
    }
    return reached;
  }

  private put(message: RetainedMessage, present: TopicNode | undefined): void {
    const node = present ?? this.grow(message.topic);
    node.message = message;
    this.byTopic.set(message.topic, node);
  }

  private grow(topic: string): TopicNode {
    let node = this.root;
    for (const level of topic.split('/')) {
      const child: TopicNode = node.children.get(level) ?? new TopicNode(node, level);
      node.children.set(level, child);
      node = child;
    }
    return node;
  }

  private remove(leaf: TopicNode): void {
    const { message } = leaf;
    if (message === undefined) return;
    this.byTopic.delete(message.topic);
    this.bytes -= message.payload.length + message.topic.length;
    leaf.message = undefined;
    for (let node = leaf; node.parent !== undefined; node = node.parent) {
      if (node.message !== undefined || node.children.size > 0) return;
      node.parent.children.delete(node.level);
    }
  }
}

/** A node and everything below it; at the root without the topics that begin with `$`. */
function subtree(top: TopicNode, isRoot: boolean): TopicNode[] {
  const found = isRoot ? [...top.children.values()].filter(isOpen) : [top];
  // The list grows while it is walked.
  for (const node of found) found.push(...node.children.values());
  return found;
}

/** [MQTT-4.7.2-1] */
const isOpen = ({ level }: TopicNode): boolean => !level.startsWith('$');

function isExpired({ properties, storedAt }: RetainedMessage): boolean {
  const interval = properties?.messageExpiryInterval;
  return interval !== undefined && asyncScheduler.now() - storedAt >= interval * 1000;
}
