//! The built board in a real browser, on a real server: what an operator, a viewer and a stranger make of it.

mod axe;
mod bundle;
mod doors;
mod forms;
mod hostile;
mod keyboard;
mod lasting;
mod logs;
mod operator;
mod outage;
mod stage;
mod steer;
mod strangers;
mod time;
mod viewer;
