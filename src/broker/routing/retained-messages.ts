import { messageSize } from '../../packet/message-size.js';
import type { PublishPacket } from '../../packet/publish-packet.js';
import type { PublishProperties, QoS } from '../../packet/packets.js';
import { elapsed } from '../../rx/clock.js';
import { levelCount } from '../../topic/level-count.js';
import { Quota } from '../access/quota.js';
import type { BrokerCounters } from '../counters.js';
import type { BrokerLimits } from '../broker-limits.js';

/** How many nodes walks visit before they offer to stop. */
const STEPS_IN_VAIN = 256;
/** Levels of a filter that cost as much as a node. */
const LEVELS_A_STEP = 8;

/** The nodes that several walks of one session have visited: many short ones take as long as one that is long. */
export class WalkedSteps {
  private taken = 0;

  /** Counts some more; whether it is time to offer to stop. */
  take(steps: number): boolean {
    this.taken += steps;
    if (this.taken < STEPS_IN_VAIN) return false;
    this.taken = 0;
    return true;
  }
}

/**
 * Bytes, roughly, of one level in the tree. The number of messages bounds the first levels; deeper ones are counted.
 */
const LEVEL = 230;
const LEVELS_UNCOUNTED = 8;

/** The last retained message of a topic. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly properties: PublishProperties | undefined;
  /** When it was published, by `elapsed()`. */
  readonly storedAt: number;
  /** Greater for later messages. */
  readonly order: number;
  /** Its bytes in the limit. */
  readonly size: number;
  /** Whose quota it uses; undefined for the broker's own, and for those of an earlier process. */
  readonly payer: string | undefined;
}

/** Remembers the retained messages beyond the process. */
export interface RetainedLog {
  kept(message: RetainedMessage): void;
  removed(topic: string): void;
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
  private readonly messages: Quota;
  private readonly bytes: Quota;
  /** The order of the newest message. */
  latest = 0;

  constructor(
    { retainedMessages, retainedBytes, ownerShare }: BrokerLimits,
    private readonly counters: BrokerCounters,
    private readonly log?: RetainedLog,
  ) {
    this.messages = new Quota(retainedMessages, ownerShare);
    this.bytes = new Quota(retainedBytes, ownerShare);
  }

  get size(): number {
    return this.byTopic.size;
  }

  /**
   * Replaces the topic's message [MQTT-3.3.1-5]; an empty payload removes it [MQTT-3.3.1-6]. Returns false when there
   * is no room; the earlier message then stays.
   * @param payer - whose quota it uses.
   */
  keep({ topic, payload, qos, properties }: PublishPacket, payer?: string): boolean {
    const node = this.byTopic.get(topic);
    if (payload.length === 0) {
      if (node !== undefined) this.remove(node);
      return true;
    }
    const size = sizeOf(topic, payload, properties);
    const earlier = node?.message;
    if (earlier !== undefined) this.count(earlier, -1);
    if (!this.messages.hasRoomFor(payer, 1) || !this.bytes.hasRoomFor(payer, size)) {
      if (earlier !== undefined) this.count(earlier, 1);
      this.counters.droppedRetained++;
      return false;
    }
    const order = ++this.latest;
    // The payload is a view into a larger block, and the `slice` of a Buffer would be one, too.
    const copy = new Uint8Array(payload);
    const message = { topic, payload: copy, qos, properties, storedAt: elapsed(), order, size, payer };
    this.put(message, node);
    // The broker publishes its $SYS messages again when it starts.
    if (!topic.startsWith('$SYS/')) this.log?.kept(message);
    return true;
  }

  /** Restores a message of an earlier process, whatever the bounds: it was accepted before. */
  restore({ topic, payload, qos, properties, storedAt }: Omit<RetainedMessage, 'order' | 'size' | 'payer'>): void {
    const size = sizeOf(topic, payload, properties);
    const order = ++this.latest;
    this.put({ topic, payload, qos, properties, storedAt, order, size, payer: undefined }, undefined);
  }

  /** It is still the retained message of its topic. */
  isCurrent(message: RetainedMessage): boolean {
    return this.byTopic.get(message.topic)?.message === message;
  }

  /** All messages, in no particular order. */
  *[Symbol.iterator](): IterableIterator<RetainedMessage> {
    for (const { message } of this.byTopic.values()) if (message !== undefined) yield message;
  }

  /**
   * The messages that match a filter (without its share) and have not expired, one by one. Where nothing matches for a
   * while it yields `undefined`: a place to stop and go on later.
   * @param steps - counts those of further walks, too.
   */
  *matching(filter: string, steps = new WalkedSteps()): IterableIterator<RetainedMessage | undefined> {
    const levels = filter.split('/');
    if (steps.take(levels.length / LEVELS_A_STEP)) yield undefined;
    for (const node of nodesOf(this.root, levels, steps)) {
      if (node === undefined) yield undefined;
      if (node?.message === undefined) continue;
      if (isExpired(node.message)) this.remove(node);
      else yield node.message;
    }
  }

  private put(message: RetainedMessage, present: TopicNode | undefined): void {
    const node = present ?? this.createNode(message.topic);
    node.message = message;
    this.byTopic.set(message.topic, node);
    this.count(message, 1);
  }

  /** Counts a message that comes (1) or goes (-1). */
  private count({ payer, size }: RetainedMessage, change: 1 | -1): void {
    this.messages.add(payer, change);
    this.bytes.add(payer, change * size);
  }

  private createNode(topic: string): TopicNode {
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
    this.log?.removed(message.topic);
    this.count(message, -1);
    leaf.message = undefined;
    for (let node = leaf; node.parent !== undefined; node = node.parent) {
      if (node.message !== undefined || node.children.size > 0) return;
      node.parent.children.delete(node.level);
    }
  }
}

/** What a message takes, with the levels of the tree that a deep topic may have for itself. */
function sizeOf(topic: string, payload: Uint8Array, properties: PublishProperties | undefined): number {
  return messageSize(topic, payload, properties) + LEVEL * Math.max(0, levelCount(topic) - LEVELS_UNCOUNTED);
}

/** Nodes that match the first `depth` levels of a filter. */
interface Frontier {
  readonly nodes: Iterator<TopicNode>;
  readonly depth: number;
}

/** The nodes that a filter matches, and `undefined` now and then. Nodes may come and go during the walk. */
function* nodesOf(
  root: TopicNode,
  levels: readonly string[],
  steps: WalkedSteps,
): IterableIterator<TopicNode | undefined> {
  const stack: Frontier[] = [{ nodes: [root].values(), depth: 0 }];
  for (let frontier = stack.at(-1); frontier !== undefined; frontier = stack.at(-1)) {
    if (steps.take(1)) yield undefined;
    const { depth } = frontier;
    const next = frontier.nodes.next();
    if (next.done === true) {
      stack.pop();
      continue;
    }
    const node = next.value;
    const level = levels[depth];
    if (level === undefined) {
      yield node;
    } else if (level === '#') {
      if (node !== root) yield node;
      stack.push({ nodes: childrenOf(node), depth });
    } else if (level === '+') {
      stack.push({ nodes: childrenOf(node), depth: depth + 1 });
    } else {
      const child = node.children.get(level);
      if (child !== undefined) stack.push({ nodes: [child].values(), depth: depth + 1 });
    }
  }
}

/** The children that a wildcard matches: at the root, none that begins with `$`. */
function* childrenOf({ parent, children }: TopicNode): IterableIterator<TopicNode> {
  for (const child of children.values()) if (parent !== undefined || isOpen(child)) yield child;
}

/** [MQTT-4.7.2-1] */
const isOpen = ({ level }: TopicNode): boolean => !level.startsWith('$');

function isExpired({ properties, storedAt }: RetainedMessage): boolean {
  const interval = properties?.messageExpiryInterval;
  return interval !== undefined && elapsed() - storedAt >= interval * 1000;
}
