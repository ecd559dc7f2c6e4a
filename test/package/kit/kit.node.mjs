import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as rxjs from 'rxjs';
import * as rxmqtt from 'rxmqtt';
import * as testing from 'rxmqtt/testing';
import kitTests from './kit-tests.cjs';

kitTests({ it, assert, testing, rxmqtt, rxjs });
