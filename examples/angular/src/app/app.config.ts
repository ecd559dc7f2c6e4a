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
    // People watch a dashboard: it is back a few seconds after its broker, not a minute.
    provideMqtt({ url: '/mqtt', keepalive: 20, reconnect: { minDelay: 500, maxDelay: 3000, jitter: 'equal' } }),
  ],
};
