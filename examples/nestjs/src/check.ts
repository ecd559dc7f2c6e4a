import { firstValueFrom } from 'rxjs';
import { connect, json, request } from 'rxmqtt';
import { startApplication } from './application';

/** The application with a device and a browser beside it; prints what they see. `node dist/check.js` */
async function check(): Promise<void> {
  const application = await startApplication(0);
  const url = (await application.getUrl()).replace('[::1]', 'localhost');
  const device = connect(`${url.replace('http', 'ws')}/mqtt`);
  for (const [room, celsius] of [
    ['7', '21.5'],
    ['8', 'warm'],
    ['8', '18.5'],
  ] as const) {
    await firstValueFrom(device.publish(`hall/${room}/celsius`, celsius, { qos: 1 }));
  }
  const topics = JSON.stringify(['hall/7/celsius', 'hall/8/celsius']);
  console.log('average', await firstValueFrom(request(device, 'readings/average', topics).pipe(json<number>())));
  console.log('readings', await (await fetch(`${url}/readings`)).text());
  await application.close();
  console.log('device', device.state.status);
  await device.end();
}

void check();
