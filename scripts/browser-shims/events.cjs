'use strict';

/** The part of Node's `EventEmitter` that mqtt-packet's parser and generator stand on. */
class EventEmitter {
  listeners = new Map();

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }

  removeListener(event, listener) {
    const kept = (this.listeners.get(event) ?? []).filter((candidate) => candidate !== listener);
    this.listeners.set(event, kept);
    return this;
  }

  emit(event, value) {
    const listeners = this.listeners.get(event) ?? [];
    if (event === 'error' && listeners.length === 0) throw value;
    for (const listener of listeners) listener.call(this, value);
    return listeners.length > 0;
  }
}

module.exports = { EventEmitter };
