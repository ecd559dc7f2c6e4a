const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');

module.exports = mergeConfig(getDefaultConfig(__dirname), {
  // What React Native sets up before an application needs the whole of its native side; platform.js sets up what counts.
  serializer: { getModulesRunBeforeMainModule: () => [] },
});
