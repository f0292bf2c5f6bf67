import BoundedDispatch
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct SignalWatchTests {
    @Test func theFirstSignalStopsTheToken() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let token = StopToken()
            let watch = SignalWatch(stopping: token, onFirst: { _ in })
            kill(getpid(), SIGTERM)
            let wasStopped = !token.sleep(milliseconds: 20_000)
            exit(wasStopped && watch.signalNumber == SIGTERM ? 42 : 1)
        }
    }

    @Test func theSecondSignalEndsTheProcess() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let token = StopToken()
            let watch = SignalWatch(stopping: token, onFirst: { _ in })
            kill(getpid(), SIGTERM)
            _ = token.sleep(milliseconds: 20_000)
            kill(getpid(), SIGINT)
            _ = StopToken().sleep(milliseconds: 20_000)
            exit(watch.signalNumber == nil ? 1 : 2)
        }
    }
}
