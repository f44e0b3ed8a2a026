//! The server on this computer: one address, one port, limits on everything
//! that comes in.
//!
//! What a request may do is the guard's business.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;

use crate::web::cases::Guide;
use crate::web::server::connections::{ConnectionSlot, Connections};
use crate::web::server::guard::{self, Access};

/// A port that nobody else has, for this computer alone.
pub fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until the guide is ended from a page or from outside.
pub async fn serve(access: Arc<Access>, listener: TcpListener, pages: Router<Arc<Guide>>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let pages = router(Arc::clone(&access), pages);
    let connections = Arc::new(Connections::default());
    let ended = ended(&access.guide);
    tokio::pin!(ended);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut ended => break,
        };
        // A connection that broke off before it was taken is not ours to mend.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let slot = connections.enter();
        let number = slot.number();
        let served = tokio::spawn(connection(stream, TowerToHyperService::new(pages.clone()), slot));
        connections.served_by(number, served.abort_handle());
    }
    // The page that says goodbye is still on its way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}

/// What went wrong with one connection is told to nobody.
async fn connection(stream: TcpStream, pages: TowerToHyperService<Router>, slot: Arc<ConnectionSlot>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_ARRIVE)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .half_close(false);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&slot));
        pages.call(request)
    });
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

fn router(access: Arc<Access>, pages: Router<Arc<Guide>>) -> Router {
    let guide = Arc::clone(&access.guide);
    pages.layer(axum::middleware::from_fn_with_state(access, guard::guard)).with_state(guide)
}

/// By a page, by Ctrl-C, or by a signal to end.
async fn ended(guide: &Guide) {
    tokio::select! {
        () = guide.ended() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = told_to_end() => {}
    }
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending::<()>().await,
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    std::future::pending::<()>().await;
}

/// In which the head of a request must have arrived, the next one included:
/// a browser that waits longer connects again.
const HEADERS_ARRIVE: Duration = Duration::from_secs(10);

/// Bytes of a request's head: all the cookies that a browser keeps for one name
/// (180 of 4 KB), whoever set them, and the rest. They open nothing, and must
/// not keep the reviewers from Stop.
const LARGEST_HEAD: usize = 768 * 1024;

const MOST_HEADERS: usize = 64;
