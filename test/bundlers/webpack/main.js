import { connect, json } from 'rxmqtt';

const client = connect('/mqtt');
client.state$.subscribe(({ status }) => (document.title = status));
client
  .subscribe('tank/level', { qos: 1 })
  .pipe(json())
  .subscribe((level) => (document.body.textContent = level));
