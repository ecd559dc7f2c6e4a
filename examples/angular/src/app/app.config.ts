import {
  type ApplicationConfig,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
} from '@angular/core';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { provideMqtt } from 'rxmqtt/angular';
import { routes } from './app.routes';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideZonelessChangeDetection(),
    provideRouter(routes, withComponentInputBinding()),
    // Somebody looks at it: a dashboard is to be back a few seconds after its broker, not a minute.
    provideMqtt({ url: '/mqtt', keepalive: 20, reconnect: { minDelay: 500, maxDelay: 3000, jitter: 'equal' } }),
  ],
};
