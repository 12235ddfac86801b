//! Everything is done, exactly once, whatever falls over meanwhile.

use crate::racer;
use mjwork_tests::cluster::Cluster;
use mjwork_tests::fleet::Size;
use mjwork_tests::race::{Race, Servers, run};
use mjwork_tests::server::{NatsServer, Options};

const SIZE: Size = Size { workers: 12, tasks: 300, dependencies: 60 };

async fn one() -> Servers {
    Servers::One(NatsServer::start(Options::default()).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_task_is_completed_exactly_once_by_its_owner() {
    let report = run(Race::new(SIZE, 1), &mut one().await, &racer()).await;
    report.assert_sound("race");
    assert_eq!((report.claims.2, report.completions.0, report.requeues), (300, 300, 0));
    assert_eq!(report.judged, 300, "every claim says what its writer had seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tasks_of_killed_workers_are_done_by_others() {
    // The time that a task is held is random: of three that are killed so, one at least is killed before it is done.
    let size = Size { workers: 24, ..SIZE };
    let race = Race { kills: true, at_work: true, linger: 300, ..Race::new(size, 2) };
    let report = run(race, &mut one().await, &racer()).await;
    report.assert_sound("every tenth worker killed");
    assert!(report.requeues > 0, "nobody was killed at work: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_three_times_loses_and_doubles_nothing() {
    let race = Race { restarts: 3, ..Race::new(SIZE, 3) };
    run(race, &mut one().await, &racer()).await.assert_sound("server killed three times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_without_headers_are_owners_like_others() {
    let race = Race { bare: true, ..Race::new(Size { workers: 16, ..SIZE }, 4) };
    let report = run(race, &mut one().await, &racer()).await;
    report.assert_sound("clients without headers");
    assert!(report.claims.2 > report.judged && report.judged > 100, "both took tasks: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_whose_leader_is_killed_loses_and_doubles_nothing() {
    let size = Size { workers: 8, tasks: 150, dependencies: 30 };
    let race = Race { restarts: 1, ..Race::new(size, 5) };
    let mut servers = Servers::Three(Cluster::start().await);
    run(race, &mut servers, &racer()).await.assert_sound("leader of a cluster killed");
}
