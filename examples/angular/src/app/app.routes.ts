import type { Routes } from '@angular/router';
import { DevicePage } from './device-page';
import { OverviewPage } from './overview-page';
import { TrafficPage } from './traffic-page';

export const routes: Routes = [
  { path: '', component: OverviewPage, title: 'Plant dashboard' },
  { path: 'devices/:id', component: DevicePage, title: 'Device - Plant dashboard' },
  { path: 'traffic', component: TrafficPage, title: 'Traffic - Plant dashboard' },
  { path: '**', redirectTo: '' },
];
