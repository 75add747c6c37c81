// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IBatchSettlement} from "../../src/interfaces/IBatchSettlement.sol";
import {Parties} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title Payers, relays and a thief who do whatever the fuzzer has them do
/// @notice Every function is one step that some party could take; none reverts unless an attack got through or an honest step was
/// refused. It keeps books of its own, from what it saw the parties do and never from the escrow.
contract Market is Parties {
    uint256 public constant CHANNELS = 8;
    uint256 private constant MOST = 50e6;

    struct Books {
        uint256 deposited;
        /// @dev Seen at the payer: refunds and withdrawals.
        uint256 givenBack;
        /// @dev The highest total that the session key ever signed.
        uint256 signed;
        /// @dev The highest total that a relay booked.
        uint256 earned;
        /// @dev The last claim that was made, to be tried again.
        uint128 lastMaximum;
        uint128 lastTotal;
    }

    IBatchSettlement.ChannelConfig[] private configs;
    bytes32[] private ids;
    Books[] private books;
    uint256 private saltOfDeposit;
    /// @dev Minted to the payers by the faucet, in all.
    uint256 public minted;
    uint256 public given;

    /// @dev Two payers, two relays, two channels for each pair.
    constructor() {
        place();
        token.mint(vm.addr(payerKey(1)), 1_000e6);
        minted = 2_000e6;
        for (uint256 i = 0; i < CHANNELS; ++i) {
            IBatchSettlement.ChannelConfig memory config = configOf(bytes32(i));
            config.payer = vm.addr(payerKey(i));
            config.payerAuthorizer = vm.addr(sessionKey(i));
            config.receiver = vm.addr(relayKey(i));
            config.receiverAuthorizer = config.receiver;
            config.withdrawDelay = i % 2 == 0 ? 15 minutes : DAY;
            configs.push(config);
            ids.push(escrow.getChannelId(config));
            books.push();
        }
    }

    function configAt(uint256 index) external view returns (IBatchSettlement.ChannelConfig memory) {
        return configs[index];
    }

    /// @dev The id of each channel, and its books.
    function ledger() external view returns (bytes32[] memory, Books[] memory) {
        return (ids, books);
    }

    function depositSome(uint256 index, uint256 amount) external {
        index %= CHANNELS;
        address from = configs[index].payer;
        uint256 available = token.balanceOf(from);
        if (available == 0) return;
        amount = 1 + (amount % (available < MOST ? available : MOST));
        bytes memory data = depositData(configs[index], payerKey(index), uint128(amount), ++saltOfDeposit);
        escrow.deposit(configs[index], uint128(amount), COLLECTOR, data);
        books[index].deposited += amount;
    }

    /// @dev An honest voucher: within the balance, at least what was earned, of which the relay books a part or all.
    function payAndClaim(uint256 index, uint256 maximum, uint256 total, bool bySignature) external {
        index %= CHANNELS;
        Books storage book = books[index];
        uint256 balance = book.deposited - book.givenBack;
        maximum = book.earned + (maximum % (balance - book.earned + 1));
        total = book.earned + (total % (maximum - book.earned + 1));
        if (maximum > book.signed) book.signed = maximum;
        _claim(index, uint128(maximum), uint128(total), bySignature);
        book.earned = total;
        (book.lastMaximum, book.lastTotal) = (uint128(maximum), uint128(total));
    }

    function claimTheLastOneAgain(uint256 index) external {
        index %= CHANNELS;
        Books storage book = books[index];
        if (book.lastMaximum == 0) return;
        _claim(index, book.lastMaximum, book.lastTotal, false);
    }

    function claimMoreThanSigned(uint256 index, uint256 maximum, uint256 more) external {
        index %= CHANNELS;
        maximum %= MOST;
        more = 1 + (more % MOST);
        IBatchSettlement.VoucherClaim[] memory rows =
            voucher(configs[index], sessionKey(index), uint128(maximum), uint128(maximum + more));
        _mustFail(configs[index].receiver, abi.encodeCall(escrow.claim, (rows)));
        // The relay writes the higher maximum into it: the signature is of another.
        rows[0].voucher.maxClaimableAmount = uint128(maximum + more);
        _mustFail(configs[index].receiver, abi.encodeCall(escrow.claim, (rows)));
    }

    /// @dev The session key may sign more than there is; it is worth no more than there is.
    function claimMoreThanDeposited(uint256 index, uint256 more) external {
        index %= CHANNELS;
        Books storage book = books[index];
        uint256 total = book.deposited - book.givenBack + 1 + (more % MOST);
        if (total > book.signed) book.signed = total;
        IBatchSettlement.VoucherClaim[] memory rows =
            voucher(configs[index], sessionKey(index), uint128(total), uint128(total));
        _mustFail(configs[index].receiver, abi.encodeCall(escrow.claim, (rows)));
    }

    function claimWithForgedVoucher(uint256 index, uint256 amount, uint256 how) external {
        index %= CHANNELS;
        amount = 1 + (amount % MOST);
        uint256 other = (index + 1) % CHANNELS;
        uint256 key = how % 3 == 0 ? THIEF_KEY : sessionKey(how % 3 == 1 ? other : index);
        IBatchSettlement.VoucherClaim[] memory rows = voucher(configs[index], key, uint128(amount), uint128(amount));
        if (how % 3 == 2) rows[0].signature = highS(rows[0].signature);
        _mustFail(configs[index].receiver, abi.encodeCall(escrow.claim, (rows)));
    }

    function settleOne(uint256 index) external {
        escrow.settle(configs[index % CHANNELS].receiver, TOKEN);
    }

    function beginWithdraw(uint256 index, uint256 amount, bool bySession) external {
        index %= CHANNELS;
        Books storage book = books[index];
        (, uint40 initiatedAt) = escrow.pendingWithdrawals(ids[index]);
        uint256 unclaimed = book.deposited - book.givenBack - book.earned;
        address sender = bySession ? configs[index].payerAuthorizer : configs[index].payer;
        if (initiatedAt != 0 || unclaimed == 0) {
            _mustFail(sender, abi.encodeCall(escrow.initiateWithdraw, (configs[index], uint128(1 + unclaimed))));
            return;
        }
        vm.prank(sender);
        escrow.initiateWithdraw(configs[index], uint128(1 + (amount % unclaimed)));
    }

    function endWithdraw(uint256 index, uint256 wait) external {
        index %= CHANNELS;
        vm.warp(block.timestamp + (wait % (2 * DAY)));
        (, uint40 initiatedAt) = escrow.pendingWithdrawals(ids[index]);
        address sender = configs[index].payer;
        if (initiatedAt == 0 || block.timestamp < initiatedAt + configs[index].withdrawDelay) {
            _mustFail(sender, abi.encodeCall(escrow.finalizeWithdraw, (configs[index])));
            return;
        }
        uint256 before = token.balanceOf(sender);
        vm.prank(sender);
        escrow.finalizeWithdraw(configs[index]);
        books[index].givenBack += token.balanceOf(sender) - before;
    }

    function giveBack(uint256 index, uint256 amount, bool bySignature) external {
        index %= CHANNELS;
        IBatchSettlement.ChannelConfig memory config = configs[index];
        uint128 asked = uint128(1 + (amount % MOST));
        bytes32 id = ids[index];
        uint256 nonce = escrow.refundNonce(id);
        uint256 before = token.balanceOf(config.payer);
        bytes memory signature = sign(relayKey(index), escrow.getRefundDigest(id, nonce, asked));
        if (bySignature) {
            escrow.refundWithSignature(config, asked, nonce, signature);
        } else {
            vm.prank(config.receiver);
            escrow.refund(config, asked);
        }
        books[index].givenBack += token.balanceOf(config.payer) - before;
        _mustFail(thief, abi.encodeCall(escrow.refundWithSignature, (config, asked, nonce, signature)));
    }

    function stealAsNobody(uint256 index, uint256 amount) external {
        IBatchSettlement.ChannelConfig memory config = configs[index % CHANNELS];
        uint128 some = uint128(1 + (amount % MOST));
        _mustFail(thief, abi.encodeCall(escrow.initiateWithdraw, (config, some)));
        _mustFail(thief, abi.encodeCall(escrow.finalizeWithdraw, (config)));
        _mustFail(thief, abi.encodeCall(escrow.refund, (config, some)));
    }

    /// @dev Money sent to the escrow by mistake is nobody's; it must not be counted as anybody's.
    function sendByMistake(uint256 amount) external {
        amount %= 1e6;
        token.mint(ESCROW, amount);
        given += amount;
    }

    function _claim(uint256 index, uint128 maximum, uint128 total, bool bySignature) private {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(configs[index], sessionKey(index), maximum, total);
        if (bySignature) {
            bytes memory signature = sign(relayKey(index), escrow.getClaimBatchDigest(rows));
            escrow.claimWithSignature(rows, signature);
        } else {
            vm.prank(configs[index].receiver);
            escrow.claim(rows);
        }
    }

    function _mustFail(address sender, bytes memory call) private {
        vm.prank(sender);
        (bool done,) = ESCROW.call(call);
        vm.assertTrue(!done, "an attack got through");
    }

    function payerKey(uint256 index) private pure returns (uint256) {
        return PAYER_KEY + (index % 2);
    }

    function sessionKey(uint256 index) private pure returns (uint256) {
        return SESSION_KEY + index;
    }

    function relayKey(uint256 index) private pure returns (uint256) {
        return RELAY_KEY + ((index / 2) % 2);
    }
}
