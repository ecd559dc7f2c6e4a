const { mergeConfig } = require('@react-native/metro-config');

/** As Metro resolves up to React Native 0.78. */
module.exports = mergeConfig(require('./metro.config.js'), { resolver: { unstable_enablePackageExports: false } });
