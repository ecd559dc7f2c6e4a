/** The globals of React Native that a client uses: its own classes, over the native modules of the ring. */
import RCTDeviceEventEmitter from 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter';
import { URL } from 'react-native/Libraries/Blob/URL';
import { URLSearchParams } from 'react-native/Libraries/Blob/URLSearchParams';
import WebSocket from 'react-native/Libraries/WebSocket/WebSocket';

Object.assign(globalThis, { URL, URLSearchParams, WebSocket });
globalThis.onNativeEvent = (name, event) => RCTDeviceEventEmitter.emit(name, event);
