/** The page: what the devices say. */
import { connect, latestByTopic } from 'rxmqtt';

void window.broker().then(({ url, username, password }) => {
  connect(url, { username, password })
    .subscribe('hall/+/celsius')
    .pipe(latestByTopic({ map: (message) => message.text() }))
    .subscribe((readings) => {
      const lines = [...readings].map(([topic, celsius]) => `${topic} ${celsius}`);
      document.querySelector('#readings').textContent = lines.join('\n');
    });
});
