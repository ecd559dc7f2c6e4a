import 'rxmqtt/testing/vitest';
import assert from 'node:assert/strict';
import * as rxjs from 'rxjs';
import * as rxmqtt from 'rxmqtt';
import * as testing from 'rxmqtt/testing';
import { expect, it } from 'vitest';
import kitTests from './kit-tests.cjs';

kitTests({ it, assert, testing, rxmqtt, rxjs });

it('has matchers', () => expect(testing.fakeClient()).toBeConnected());
