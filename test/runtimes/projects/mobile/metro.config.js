const { join } = require('node:path');
const { FileStore } = require('metro-cache');
const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');

module.exports = mergeConfig(getDefaultConfig(__dirname), {
  cacheStores: [new FileStore({ root: join(__dirname, 'cache') })],
  // What React Native sets up before an application needs the whole of its native side; platform.js sets up what counts.
  serializer: { getModulesRunBeforeMainModule: () => [] },
});
