/** The main process: the broker, and one window that shows what the devices say. `npm start` */
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, ipcMain } from 'electron';
import { startDesktopBroker } from './desktop-broker.ts';

/** It is bundled into `dist`. */
const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

await app.whenReady();
const broker = await startDesktopBroker({ host: '0.0.0.0' });

ipcMain.handle('broker', () => broker.forWindows);
const window = new BrowserWindow({ webPreferences: { preload: file('preload.cjs') } });
await window.loadFile(file('window.html'));

app.on('window-all-closed', () => app.quit());
let isClosed = false;
app.on('will-quit', (event) => {
  if (isClosed) return;
  // In order: clients get DISCONNECT, and a store would be written.
  event.preventDefault();
  void broker.close().finally(() => {
    isClosed = true;
    app.quit();
  });
});
