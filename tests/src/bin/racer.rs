//! A worker process of a race: see [`mjwork_tests::racer`].

#[tokio::main]
async fn main() {
    mjwork_tests::racer::run(std::env::args().skip(1)).await;
}
