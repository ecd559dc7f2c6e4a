/** Pages, an API and MQTT over WebSocket on one port. `npm start`, then http://localhost:3000/readings */
import { pathToFileURL } from 'node:url';
import express from 'express';
import { connect, latestByTopic } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';

/** Starts the server; port 0 takes a free one. */
export async function startServer(port) {
  const broker = createBroker();
  // The application is a client of its own broker, inside the process.
  const client = connect({ url: 'mqtt://here', transport: broker.transport });
  let newest = new Map();
  client
    .subscribe('hall/+/celsius', { qos: 1 })
    .pipe(latestByTopic({ map: (message) => Number(message.text()) }))
    .subscribe((readings) => (newest = readings));

  const app = express();
  app.get('/readings', (_request, response) => response.json(Object.fromEntries(newest)));
  app.post('/hall/:room/set', express.text({ type: '*/*' }), (request, response) => {
    client.publish(`hall/${request.params.room}/set`, request.body, { qos: 1 }).subscribe({
      complete: () => response.sendStatus(204),
      error: (error) => response.status(503).send(error.message),
    });
  });

  const server = app.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  broker.attach(server, { path: '/mqtt' });

  return {
    port: server.address().port,
    /** The broker first: an HTTP server waits for its connections. */
    async close() {
      await client.end();
      await broker.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { port } = await startServer(3000);
  console.log(`http://localhost:${port}/readings, MQTT at ws://localhost:${port}/mqtt`);
}
