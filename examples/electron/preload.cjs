const { contextBridge, ipcRenderer } = require('electron');

/** The page learns where the broker is, and has no other way into the main process. */
contextBridge.exposeInMainWorld('broker', () => ipcRenderer.invoke('broker'));
