import { publishTo } from 'rxmqtt';
import { mqttTest } from 'rxmqtt/testing';
import { alarms } from './alarm.js';

describe('the alarm of the boilers', () => {
  it('is raised once for each boiler that crosses six bar', () => {
    mqttTest((t) => {
      const readings$ = t.messages('abc-d|', {
        a: ['boiler/7/pressure', { bar: 5 }],
        b: ['boiler/7/pressure', { bar: 6.1 }],
        c: ['boiler/8/pressure', { bar: 7 }],
        d: ['boiler/7/pressure', { bar: 6.2 }],
      });
      t.expectObservable(alarms(readings$)).toBe('nhH--|', { n: '7 normal', h: '7 high', H: '8 high' });
    });
  });

  it('is heard although the line is cut at that moment', () => {
    mqttTest((t) => {
      const monitor = t.connect({ clientId: 'monitor', clean: false, sessionExpiry: 600 });
      const alarm$ = monitor.subscribe('boiler/+/pressure', { qos: 1 }).pipe(alarms);
      alarm$.pipe(publishTo(monitor, (text) => ({ topic: 'alarm', payload: text, qos: 1 }))).subscribe();
      t.publish('99ms a', { a: ['boiler/7/pressure', { bar: 7 }, { qos: 1 }] });
      t.at(100, () => t.broker.line('monitor').cut());
      t.expectPublished('alarm').toBe('1103ms a', { a: ['alarm', '7 high'] });
    });
  });
});
