import './platform';
import 'fast-text-encoding';
import 'react-native-get-random-values';
import 'react-native-url-polyfill/auto';
import { exchange } from './exchange';

exchange(globalThis.broker).then(globalThis.report, (error) => globalThis.report(String(error.stack)));
