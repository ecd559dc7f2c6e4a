import type { ApplicationConfig } from '@angular/core';
import { provideRouter, type Routes } from '@angular/router';
import { type BrokerConfig, provideMqtt } from 'rxmqtt/angular';

export const routes: Routes = [
  // A server answers 404 where no route is, also at the root.
  { path: '', pathMatch: 'full', redirectTo: 'hall' },
  { path: 'hall', loadComponent: () => import('./hall-page.js').then(({ HallPage }) => HallPage) },
  { path: 'yard', loadComponent: () => import('./yard-page.js').then(({ YardPage }) => YardPage) },
];

/** The client is provided here alone, above all routes, so that they share it; none of them provides one of its own. */
export const appConfig = (broker: BrokerConfig = { url: '/mqtt' }): ApplicationConfig => ({
  providers: [provideRouter(routes), provideMqtt(broker)],
});
