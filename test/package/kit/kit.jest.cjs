require('rxmqtt/testing/jest');
const { expect, it } = require('@jest/globals');
const assert = require('node:assert/strict');
const { fakeClient } = require('rxmqtt/testing');

require('./kit-tests.cjs')({
  it,
  assert,
  testing: require('rxmqtt/testing'),
  rxmqtt: require('rxmqtt'),
  rxjs: require('rxjs'),
});

it('has matchers', () => expect(fakeClient()).toBeConnected());
