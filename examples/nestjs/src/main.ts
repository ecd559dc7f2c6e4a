import { startApplication } from './application';

void startApplication(3000).then((application) => {
  application.enableShutdownHooks();
  console.log('http://localhost:3000/readings, MQTT at ws://localhost:3000/mqtt');
});
